# double 2: an honest student whose names are the tests' names (G13)
%pylab inline
from numpy import *
digits = "0123456789"
sum = 0
max = 3
marks = expected = given = right = None
Marks = print


def double(x):
    return x + x


# %% added
abs, all, any, round = 1, 2, 3, 4
# %% added
%pip install nothing-at-all
!ls
%matplotlib inline
%time double(3)
