"""States in words, tones and icons: one word and one colour for each, on every page."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

WORDS = {
    "receiving": _("正在接收"),
    "reading": _("正在识读"),
    "review": _("等人核对"),
    "done": _("已办结"),
    "stored": _("已存好"),
    "quarantine": _("已隔离"),
    "split": _("已分页"),
    "partial": _("部分读出"),
    "refused": _("没有收下"),
    "duplicate": _("以前交过"),
    "waiting": _("等待识读"),
    "read": _("已识读"),
    "blank": _("空白页"),
    "separator": _("分隔页"),
    "rescan": _("请重扫"),
    "replaced": _("已换新页"),
    "aside": _("不归卷"),
    "secret": _("疑似涉密"),
    "failed": _("没读出来"),
    "filed": _("已归卷"),
    "proposed": _("等人核对"),
    "postponed": _("先放一放"),
    "check": _("等第二人复核"),
    "empty": _("已并走"),
    "open": _("整理中"),
    "sealed": _("已入库"),
    "joined": _("已并入他卷"),
    "confirmed": _("已确认"),
    "withdrawn": _("已撤下"),
    "ready": _("排队"),
    "running": _("正在做"),
    "dead": _("做不下去"),
}
TONES = {
    "ok": {"read", "filed", "done", "stored", "split", "sealed", "confirmed"},
    "warn": {
        "rescan",
        "partial",
        "postponed",
        "check",
        "duplicate",
        "waiting",
        "receiving",
        "quarantine",
    },
    "bad": {"failed", "secret", "refused", "dead"},
    "read": {"reading", "review", "proposed", "running"},
}
ICONS = {"ok": "ok", "warn": "clock", "bad": "warn", "read": "eye"}

PERMISSIONS = {
    "batch:upload": _("收件：上传扫描件"),
    "batch:see": _("看批次和每一页的状态"),
    "material:review": _("核对机器读出的材料"),
    "material:check": _("第二人复核"),
    "casefile:see": _("看人员档案"),
    "casefile:edit": _("改案卷著录和存放位置"),
    "casefile:seal": _("入库"),
    "person:edit": _("建人员、确认和撤下事实"),
    "person:export": _("导出一个人的档案"),
    "source:see": _("看旧系统来源和导入情况"),
    "source:edit": _("登记旧系统来源、定对照方案"),
    "source:run": _("导入、撤销导入"),
    "unit:edit": _("建机构"),
    "unit:set-rule": _("定本单位的规则，如批量确认"),
    "record:set-rule": _("提出本单位以哪种记载为准的规则（两人）"),
    "user:edit": _("建账号、停账号"),
    "role:assign": _("提出分配、收回岗位"),
    "role:approve": _("批准岗位变更"),
    "secret:settle": _("处理疑似涉密的页"),
    "secret:gate": _("提出、批准暂停涉密检查（两人）"),
    "host:allow": _("提出、批准连接外部主机（两人）"),
    "key:manage": _("管密钥"),
    "ledger:read": _("查审计账"),
    "job:see": _("看机器的任务"),
    "health:see": _("看运行状况"),
    "alarm:see": _("看告警"),
    "alarm:settle": _("查明并销告警"),
    "grant:ask": _("申请授权"),
    "grant:approve": _("批授权"),
    "grant:watch": _("看授权，收回授权"),
    "emergency:name": _("指定紧急查阅的人"),
    "emergency:confirm": _("批准紧急查阅的人"),
    "emergency:review": _("复核紧急查阅"),
    "emergency:read": _("紧急查阅（只凭紧急授权）"),
}
LEVELS = {
    "基本": _("基本"),
    "家庭": _("家庭"),
    "健康": _("健康"),
    "奖惩": _("奖惩"),
    "内部": _("内部"),
}
GROUNDS = {
    "own": _("本人"),
    "kin": _("近亲属"),
    "likely": _("姓名相同，疑为近亲属"),
}
FENCES = {
    "memory": _("要不到更多内存"),
    "time": _("改不了时间上限"),
    "open_files": _("不能打开很多文件"),
    "write": _("不能写文件"),
    "read": _("读不到别的文件"),
    "network": _("不能联网"),
    "local_socket": _("不能连本机的服务"),
    "process": _("不能派生进程"),
    "program": _("不能启动别的程序"),
    "trace": _("不能窥探别的进程"),
    "signal": _("不能给别的进程发信号"),
}


def tone(state: str | None) -> str:
    """Class of the tag for a state; "" for one without a tone."""
    return next((name for name, states in TONES.items() if state in states), "")


# Severity of an alarm: tone and word.
SEVERITIES = {
    "urgent": ("bad", _("紧急")),
    "warning": ("warn", _("警告")),
    "notice": ("read", _("提示")),
}
# What decides which of several records of a field holds (`people.projection`).
CRITERIA = {
    "earliest": _("形成时间早的"),
    "latest": _("形成时间晚的"),
    "titled": _("专门材料上的"),
    "order": _("原页先于表格"),
    "row first": _("表格先于原页"),
    "surest": _("写法确定的"),
    "valid": _("号码校验相符的"),
}
# What an alarm says beside its kind.
ALARM_FACTS = {
    "address": _("来源地址"),
    "files": _("卷数"),
    "minutes": _("分钟"),
    "reason": _("事由"),
    "number": _("档号"),
    "action": _("操作"),
    "username": _("账号"),
    "size": _("账本条数"),
    "seq": _("第一条有问题的记录"),
    "until": _("到"),
    "kind": _("标志"),
    "page": _("第几页"),
    "version": _("卷的版次"),
    "batch": _("批次"),
    "found": _("发现"),
    "things": _("件数"),
    "limit": _("上限"),
    "hours": _("小时"),
    "acts": _("没有立住的围栏"),
    "error": _("出错"),
    "code": _("毛病"),
    "mended": _("已修复"),
    "proposed_by": _("提出人"),
    "first": _("第一人"),
    "second": _("第二人"),
}
# Of these, accounts: shown by their names.
ALARM_PEOPLE = ("proposed_by", "first", "second")
# Pages on which an alarm is acted on, and the right that opens each.
ALARM_PAGES = {
    "officers:secrets": "secret:settle",
    "officers:gate": "secret:gate",
    "officers:health": "health:see",
    "emergency:office": "emergency:review",
}
