// Pictures: checked here for a quick answer, checked again by the server, which has the last word.
const SHOWN = ["image/jpeg", "image/png", "image/webp", "image/gif", "image/bmp", "image/avif"];
const TYPES = [...SHOWN, "image/heic", "image/heif", "video/mp4", "video/quicktime", "video/webm", "application/pdf", "text/plain"];
const MAX_MB = __MAX_MB__;

function checkFile(file, texts) {
  // Some systems do not know HEIC and give no type at all: the server looks at the content.
  if (file.type && !TYPES.includes(file.type)) return texts.badType;
  if (file.size > MAX_MB * 1e6) return fill(texts.tooBig, { mb: MAX_MB });
  return null;
}

// XMLHttpRequest, because fetch tells nothing of upload progress.
function postFile(url, fields, onProgress) {
  return new Promise((resolve, reject) => {
    const form = new FormData();
    for (const [name, value] of Object.entries(fields)) if (value) form.append(name, value);
    const request = new XMLHttpRequest();
    request.open("POST", url);
    request.responseType = "json";
    request.timeout = 120000;
    request.upload.onprogress = (event) => {
      if (event.lengthComputable) onProgress(Math.round((100 * event.loaded) / event.total));
    };
    request.onload = () => {
      if (request.status < 300) resolve(request.response);
      else reject({ message: request.response && request.response.title, final: request.status < 500 });
    };
    request.onerror = request.ontimeout = () => reject({});
    request.send(form);
  });
}
