"""Writes of reporting."""

from .campaigns import (
    cancel_campaign,
    decide_extension,
    extend_return,
    open_campaign,
    publish_campaign,
    request_extension,
    urge_returns,
)
from .cells import CellChange, SaveResult, confirm_prefilled, save_cells
from .delegations import give_delegation, revoke_delegation
from .forms import (
    ItemDraft,
    create_form,
    publish_version,
    retire_version,
    save_version,
    start_draft,
)
from .remarks import add_effort, attach_evidence, comment, explain
from .rulekeeping import RuleDraft, prove, rule_fields, save_rule, switch_off, switch_on
from .sending import gaps, send_back, sign_return, submit_return, take_back
from .unlocking import expire_unlocks, grant_unlock, refuse_unlock, request_unlock
from .verifying import VerifyResult, return_cells, verify_cells

__all__ = [
    "CellChange",
    "ItemDraft",
    "RuleDraft",
    "SaveResult",
    "VerifyResult",
    "add_effort",
    "attach_evidence",
    "cancel_campaign",
    "comment",
    "confirm_prefilled",
    "create_form",
    "decide_extension",
    "expire_unlocks",
    "explain",
    "extend_return",
    "gaps",
    "give_delegation",
    "grant_unlock",
    "open_campaign",
    "prove",
    "publish_campaign",
    "publish_version",
    "refuse_unlock",
    "request_extension",
    "request_unlock",
    "retire_version",
    "return_cells",
    "revoke_delegation",
    "rule_fields",
    "save_cells",
    "save_rule",
    "save_version",
    "send_back",
    "sign_return",
    "start_draft",
    "submit_return",
    "switch_off",
    "switch_on",
    "take_back",
    "urge_returns",
    "verify_cells",
]
