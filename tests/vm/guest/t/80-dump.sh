# SPDX-License-Identifier: GPL-2.0-or-later
# Everything as one document, and everything brought out as a tree.
ok "dump runs" sh -c "mmlens dump >$results/dump.json"
ok "dump is one valid JSON document" json_get $results/dump.json
is "dump: schema" "$(json_get $results/dump.json schema)" 1
is "dump: nodes of the host" "$(json_get $results/dump.json host nodes)" \
	"$(ls -d $node_dir/node[0-9]* | wc -l)"
is "dump: a row for each node" "$(json_get $results/dump.json tables nodes)" \
	"$(ls -d $node_dir/node[0-9]* | wc -l)"
ok "capture runs" mmlens capture $results/capture
is "the capture says the same of the nodes" \
	"$(mmlens nodes --root $results/capture -r -b -o node,kind,cpus,total,distances,tier)" \
	"$(mmlens nodes -r -b -o node,kind,cpus,total,distances,tier)"
