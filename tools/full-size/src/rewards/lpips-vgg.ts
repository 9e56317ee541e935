import { lpipsNetwork } from './lpips-network.js';

/** LPIPS on torchvision's VGG16. */
export const reward = lpipsNetwork(
  'vgg',
  'VGG16, two pictures',
  { name: 'vgg16-397923af.pth', format: 'pytorch before 1.6' },
  'torchvision_vgg16',
  [64, 128, 256, 512, 512],
);
