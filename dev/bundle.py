"""One archive of wheels and front-end files, for a site without network."""

import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main():
    wheels = ROOT / "build" / "wheels"
    shutil.rmtree(wheels, ignore_errors=True)  # none of an earlier version goes along
    wheels.mkdir(parents=True)
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:", "--require-hashes",
               "-r", str(ROOT / "requirements" / "run.txt"), "-d", str(wheels)]
    if subprocess.run(command, check=False).returncode:
        print("没有下载齐，没有打包 / not all wheels could be had; no bundle was made", file=sys.stderr)
        return 1
    goal = ROOT / "dist" / "rongdang-bundle.tar"
    goal.parent.mkdir(exist_ok=True)
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    with tarfile.open(goal, "w") as archive:
        for name in tracked.decode().split("\0"):
            if name:
                archive.add(ROOT / name, f"rongdang/{name}")
        archive.add(wheels, "rongdang/wheels")
        archive.add(ROOT / "src/rongdang/web/static/vendor", "rongdang/src/rongdang/web/static/vendor")
        fonts = ROOT / "var" / "fonts"
        if fonts.is_dir():
            archive.add(fonts, "rongdang/var/fonts")
    print(f"{goal.relative_to(ROOT)}  {goal.stat().st_size / 2**20:.0f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
