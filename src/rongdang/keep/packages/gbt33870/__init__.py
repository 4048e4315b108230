"""GB/T 33870-2017, digital copies of cadres' personnel files: the directory to hand over.

<姓名><公民身份号码>/ holds the catalogue (XML of the same name), 原始图像数据/ and 优化图像数据/.
Written in one form; read in every form met in the wild.
"""
