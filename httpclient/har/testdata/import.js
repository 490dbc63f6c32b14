// Gives a file to the Network panel of Chromium's developer tools, as its import button does, and tells what came of it.
async function (text) {
  const bundled = 'devtools://devtools/bundled/';
  // The page may still be loading: its modules are there once the panel can be made.
  const settled = async (make) => {
    for (let tries = 0; ; tries++) {
      try {
        return await make();
      } catch (e) {
        if (tries === 100) throw e;
        await new Promise((done) => setTimeout(done, 100));
      }
    }
  };
  const { network, logs } = await settled(async () => ({
    network: (await import(bundled + 'panels/network/network.js')).NetworkPanel.NetworkPanel.instance(),
    logs: (await import(bundled + 'models/logs/logs.js')).NetworkLog.NetworkLog.instance(),
  }));
  const errors = [];
  console.error = (...args) => errors.push(args.join(' '));
  await network.networkLogView.onLoadFromFile(new File([text], 'strata.har', { type: 'application/json' }));
  if (errors.length > 0) throw new Error(errors.join('\n'));
  const lines = (fields) => (fields ?? []).map((f) => f.name + ': ' + f.value);
  return Promise.all(
    logs.requests().map(async (r) => {
      const data = await r.requestContentData();
      return {
        Method: r.requestMethod,
        URL: r.url(),
        Status: r.statusCode,
        StatusText: r.statusText,
        MIMEType: r.mimeType,
        Protocol: r.protocol,
        Size: r.resourceSize,
        RequestFields: lines(r.requestHeaders()),
        ResponseFields: lines(r.responseHeaders),
        Query: lines(r.queryParameters),
        Form: (await r.requestFormData()) ?? '',
        Content: data.isTextContent ? data.text : data.base64,
        Wait: r.timing.receiveHeadersEnd - r.timing.sendEnd,
      };
    }),
  );
}
