// The button beside a password field that shows what was typed. Without this script
// there is no button.

const button = document.getElementById('show-password');
const field = button.previousElementSibling;

function show(shown) {
  field.type = shown ? 'text' : 'password';
  button.setAttribute('aria-label', shown ? button.dataset.hide : button.dataset.show);
  button.classList.toggle('shown', shown);
}

button.addEventListener('click', () => show(field.type === 'password'));
// What is sent, kept by the browser or shown again by the back button is a password.
button.form.addEventListener('submit', () => show(false));
button.hidden = false;
