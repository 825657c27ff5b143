import { createContext, useContext } from 'react';
import { type Skin, skinOf } from '../theme.js';

export const SkinContext = createContext<Skin>(skinOf({ theme: 'auto', color: true, ascii: false }));

export const useSkin = (): Skin => useContext(SkinContext);
