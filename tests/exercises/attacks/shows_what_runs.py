# double 2: puts scripts into outputs, which would run in the instructor's browser
def double(x):
    return 2 * x


# %% added
from IPython.display import HTML, Javascript, Markdown, SVG, Latex, display

display(HTML("<script>steal()</script><img src=x onerror='steal()'><b onclick='steal()'>bold</b>"))
display(HTML("<iframe src='https://example.org'></iframe><a href='javascript:steal()'>here</a>"))
display(HTML("<div style=\"background: url('https://example.org/steal()')\">seen</div>"))
display(HTML("<svg onload='steal()'></svg><style>body { display: none } /* steal() */</style>"))
display(Javascript("steal()"))
display(SVG("<svg xmlns='http://www.w3.org/2000/svg'><script>steal()</script></svg>"))
display(Markdown("<script>steal()</script>"))
display(Latex("<script>steal()</script>"))
display({"text/html": "<script>steal()</script>", "image/png": "\"><script>steal()</script>"}, raw=True)
# %% markdown
<script>steal()</script> [click](javascript:steal()) ![pixel](https://example.org/steal())
<img src=x onerror="steal()">

```mermaid
</pre><script>steal()</script>
```

$\href{javascript:steal()}{x}$ ![a](attachment:none.png)
