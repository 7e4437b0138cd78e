"""The bench: how fast a letter is made, and what a server bears; `script/bench`.

`race` draws one letter with each engine of `contenders` in turn, `stages` tells where our own time
goes, `growth` what more of a letter costs, `serving` what a server bears, under `load`.
"""
