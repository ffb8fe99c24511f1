# double 2: prints 300 MB in an added cell and shows pictures of any size (G11)
def double(x):
    return 2 * x


# %% added
for _ in range(300):
    print("x" * 1_000_000)
# %% added
from IPython.display import HTML, Image, display

for _ in range(30):
    display(HTML("y" * 5_000_000))
    display(Image(data=b"\x89PNG" + b"z" * 5_000_000, format="png"))
# %% added
raise ValueError("w" * 50_000_000)
# %% added
"v" * 100_000_000
