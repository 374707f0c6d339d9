"""What people must hear of: looked for every few seconds, raised once, cleared once, told in the ways of [[notify]].

`facts` reads the database and the disk, `judging` [pure] says what is amiss, `book` keeps the table of alarms,
`telling` works off the notices, `ways` sends one. All of it reads what the daemon's threads wrote: none of them waits.
"""
