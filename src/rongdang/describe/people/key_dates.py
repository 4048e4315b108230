"""三龄两历: the dates pay and pension hang on. Nobody alone makes another of them hold."""

KEY_DATES = (
    "出生日期",
    "入伍日期",
    "参加工作日期",
    "入党日期",
)
