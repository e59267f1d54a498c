"""What is stored, and nothing about why."""

from haln.models.accounts import AccountToken, Invitation, SignInSession, Throttle
from haln.models.base import Base, Document, Identity, Moment
from haln.models.history import AuditRecord
from haln.models.imports import ImportFile
from haln.models.members import Counter, Member, MemberText, MemberTheme
from haln.models.organisations import Organisation, OrganisationName
from haln.models.places import Place, PlaceName
from haln.models.post import Mail
from haln.models.suggestions import AlgorithmRun, Dismissal, Suggestion, SuggestionRefresh
from haln.models.ties import Block, Connection, Introduction, LearningSet, SetMembership

__all__ = [
    "AccountToken",
    "AlgorithmRun",
    "AuditRecord",
    "Base",
    "Block",
    "Connection",
    "Counter",
    "Dismissal",
    "Document",
    "Identity",
    "ImportFile",
    "Introduction",
    "Invitation",
    "LearningSet",
    "Mail",
    "Member",
    "MemberText",
    "MemberTheme",
    "Moment",
    "Organisation",
    "OrganisationName",
    "Place",
    "PlaceName",
    "SetMembership",
    "SignInSession",
    "Suggestion",
    "SuggestionRefresh",
    "Throttle",
]
