# SPDX-License-Identifier: GPL-2.0-or-later
"""What mmlens says of memory, in a report of sos(1). It goes to sos/report/plugins/mmlens.py.

The files of the report itself can be looked at with `mmlens --root REPORT` as well.
"""
from sos.report.plugins import Plugin, IndependentPlugin


class Mmlens(Plugin, IndependentPlugin):

    short_desc = 'Where memory is, who holds it, and what looks wrong'
    plugin_name = 'mmlens'
    profiles = ('system', 'memory', 'performance')
    packages = ('mmlens',)
    commands = ('mmlens',)

    def setup(self):
        self.add_cmd_output([
            'mmlens balance',
            'mmlens findings -d 5 --page --all-columns',
            'mmlens slab -l 50',
            'mmlens processes --by program -o group,processes,pss,uss,swap -s -pss -l 50',
            'mmlens oom',
            'mmlens sources',
            'mmlens dump',
        ])
