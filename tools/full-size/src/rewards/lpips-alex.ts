import { lpipsNetwork } from './lpips-network.js';

/** LPIPS on torchvision's AlexNet. */
export const reward = lpipsNetwork(
  'alex',
  'AlexNet, two pictures',
  { name: 'alexnet-owt-7be5be79.pth', format: 'pytorch' },
  'torchvision_alexnet',
  [64, 192, 384, 256, 256],
);
