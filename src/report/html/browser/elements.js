// Elements of the page. All text goes into them as text: no markup is ever made from it.

/** An element with attributes and children; a string becomes text. */
export function make(name, attributes = {}, ...content) {
  const element = document.createElement(name)
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null) continue
    if (key.startsWith('on')) element.addEventListener(key.slice(2), value)
    else element.setAttribute(key, value)
  }
  element.append(...content)
  return element
}

/** The same in a drawing. */
export function draw(name, attributes, ...content) {
  const element = document.createElementNS('http://www.w3.org/2000/svg', name)
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value)
  element.append(...content)
  return element
}

/** Text alone where the address is none of the web. */
export function link(text, url) {
  if (!/^https?:\/\//.test(url)) return text
  return make('a', { href: url, rel: 'noopener noreferrer', target: '_blank' }, text)
}
