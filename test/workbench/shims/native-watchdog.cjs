// Stands in for @vscode/native-watchdog: leaves when the parent process is gone.
exports.start = (parent) => {
  const timer = setInterval(() => {
    try {
      process.kill(parent, 0);
    } catch (error) {
      if (error.code === 'ESRCH') process.exit(87);
    }
  }, 3000);
  timer.unref();
};
exports.exit = (code) => process.exit(code ?? 0);
