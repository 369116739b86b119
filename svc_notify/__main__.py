"""Starts the notify service: `python -m svc_notify`."""

from shop.notify.v1 import notify_pb2_grpc

from chassis.clock import utcnow
from chassis.service import Service, run
from svc_notify.consumers import subscriptions
from svc_notify.rpc import NotifyRpc, UseCases
from svc_notify.settings import Settings
from svc_notify.store import INDEXES, MongoInbox, MongoMessageLog
from svc_notify.usecases.announce import Announce
from svc_notify.usecases.follow_log import FollowLog, FollowPace, ReadMissed
from svc_notify.usecases.inbox import ListInbox, MarkRead
from svc_notify.usecases.wakeup import Wakeup


async def wire(service: Service[Settings]) -> None:
    """Put the parts together."""
    settings = service.settings
    database = await service.database(INDEXES)
    wakeup = Wakeup()
    log, inbox = MongoMessageLog(database, utcnow, wakeup), MongoInbox(database)
    do = UseCases(
        list_inbox=ListInbox(inbox),
        mark_read=MarkRead(inbox),
        follow=FollowLog(log, wakeup, utcnow, FollowPace(settings.poll, settings.sign_of_life)),
        read_missed=ReadMissed(log),
    )
    service.serve(notify_pb2_grpc.add_NotifyServiceServicer_to_server, NotifyRpc(do))
    service.consume(subscriptions(Announce(log)))
    service.on_drain(wakeup.stop)


if __name__ == "__main__":
    run("svc_notify", Settings, wire)
