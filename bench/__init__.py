"""The bench: how fast a letter is made, beside what somebody would take instead; `script/bench`.

`contenders` draws one letter with each engine in turn, `stages` tells where our own time goes,
`growth` what more text, more options and more letters cost, `serving` and `scale` what a server
and several bear. `report` writes it all down in RESULTS.md, `plot` in growth.svg.
"""
