throw new Error('Unit tests load nothing of Electron: what decides belongs into main/app.');
