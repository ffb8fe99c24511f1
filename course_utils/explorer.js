// Says in the page when the kernel does not answer a moved control, and gives each slider the
// name that stands beside it, so that a screen reader can say it.

const PATIENCE = 1500; // ms until a missing answer is said

function nameSliders(explorer) {
  for (const slider of explorer.querySelectorAll('.widget-slider, .widget-hslider')) {
    const name = slider.querySelector('.widget-label')?.textContent;
    for (const handle of slider.querySelectorAll('.noUi-handle')) {
      handle.setAttribute('aria-label', name || 'value');
    }
  }
}

async function render({ model, el }) {
  const status = document.createElement('div');
  status.setAttribute('role', 'status');
  el.append(status);
  let timer = 0;
  const explorer = () => el.closest('.course-explorer');

  function moved() {
    clearTimeout(timer);
    timer = setTimeout(() => {
      explorer()?.setAttribute('aria-busy', 'true');
      status.textContent = 'The kernel has not answered yet: the figure is the old one. If a cell '
        + 'is running, wait; if the kernel was restarted, run this cell again.';
    }, PATIENCE);
  }
  model.on('change:drawn', () => {
    clearTimeout(timer);
    explorer()?.removeAttribute('aria-busy');
    status.textContent = '';
  });
  for (const id of model.get('controls')) {
    const control = await model.widget_manager.get_model(id);
    control.on('change:value', moved);
  }
  const label = () => explorer() && nameSliders(explorer());
  const observer = new MutationObserver(label);
  const start = () => {
    if (!explorer()) return setTimeout(start, 50);
    observer.observe(explorer(), { childList: true, subtree: true });
    label();
  };
  start();
  return () => { observer.disconnect(); clearTimeout(timer); };
}
export default { render };
