import { brPortIsolated } from '../../checks/bridge/br-port-isolated.js';
import { testCheck } from '../helpers/check-cases.js';
import { bridgePort, edited } from '../helpers/edit-evidence.js';
import { recorded } from '../helpers/evidence.js';

testCheck(brPortIsolated, {
  fails: [
    {
      name: 'two isolated ports do not talk to each other: the isolation of one is taken off',
      evidence: recorded('br-port-isolated'),
      findings: [
        {
          cause: 'br-port-isolated',
          place: {
            link: 'veth-host – bridge-port',
            stage: 'bridge-forward',
            way: 'forward',
            netns: 'host',
            device: 'veth1_p',
          },
          loses: ['veth-host – bridge-port forward', 'socket – container forward'],
          proof: 'read read seen',
          remedies: [['bridge link set dev veth1_p isolated off']],
        },
      ],
    },
  ],
  passes: [
    {
      name: 'ports that are not isolated are in order',
      evidence: recorded('two-containers'),
      because: 'at most one of the two ports is isolated',
    },
    {
      name: 'one isolated port alone stops nothing',
      evidence: edited(recorded('br-port-isolated'), bridgePort('veth2_p', { isolated: false })),
      because: 'at most one of the two ports is isolated',
    },
  ],
  notApplicable: [
    {
      name: 'a flow that leaves the host goes to no other port',
      evidence: recorded('textbook'),
      reason: 'the flow does not go from port to port',
    },
    {
      name: 'containers on two bridges share none',
      evidence: recorded('docker-two-bridges'),
      reason: 'the two are not ports of one bridge',
    },
  ],
});
