const vscode = require('vscode');

/** Once this runs, the contributions of all extensions are registered: a file opened earlier in a new profile opens as binary. */
exports.activate = async (context) => {
  const ready = vscode.window.createStatusBarItem('ready', vscode.StatusBarAlignment.Right);
  ready.name = 'Extensions Ready';
  ready.text = '$(check)';
  ready.show();
  context.subscriptions.push(ready);
  const model = process.env.QUANTSCOPE_OPEN;
  if (model) {
    await vscode.commands.executeCommand('vscode.openWith', vscode.Uri.file(model), 'quantscope.model');
  }
};
