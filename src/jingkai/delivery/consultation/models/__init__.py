"""A draft before the public and the bodies: its frozen text, what was said, what was decided.

Names and contacts stand in a table of their own (`Sender`), which no public query joins and which
is emptied when its time is over. Opinions themselves are never deleted.
"""

from .decisions import Decision, DecisionState, Outcome
from .opinions import Comment, CommentState, Knock, Origin, Sender, SenderKind, SetApart
from .rounds import Anchor, Consultation, ConsultationState, InvitationState, InvitedBody, Topic

__all__ = [
    "Anchor",
    "Comment",
    "CommentState",
    "Consultation",
    "ConsultationState",
    "Decision",
    "DecisionState",
    "InvitationState",
    "InvitedBody",
    "Knock",
    "Origin",
    "Outcome",
    "Sender",
    "SenderKind",
    "SetApart",
    "Topic",
]
