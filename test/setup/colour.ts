/** Colours are on, as in a terminal of 16 colours, before Ink is loaded. */
process.env['FORCE_COLOR'] = '1';
