# double 0: an answer whose errors hold signs that no table and no console can show (G16)
def double(x):
    raise ValueError("\ud800 \x1b[2J \x00 \u202e =HYPERLINK(1) \r\n,;\" 王小明")


# %% added
class \u202eOdd(Exception):
    pass
# %% added
raise type("\udc80 \x1b]0;title\x07", (Exception,), {})("\udfff \x9b31m")
