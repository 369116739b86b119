"""Live updates: one stream of messages in, any number of WebSockets out.

Messages are numbered 1, 2, 3 and so on within their audience. The hub keeps, for each audience
someone listens to, how far it has come; whatever it missed it lists. So every socket gets every
message of its audiences once, in order.
"""
