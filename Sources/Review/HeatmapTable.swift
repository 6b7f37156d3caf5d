import Records
import Storage

/// The values behind a heatmap as CSV.
public enum HeatmapTable {
    /// Columns `x, y, side` in level-0 pixels of the slide, the map as it is shown (`attention_times_n`, or `score`), for
    /// attention also the share `attention`, the map's `percentile`, then every row of the model, as shares again.
    public static func text(_ maps: SlideMaps) -> String {
        let isAttention = maps.main.quantity == .attention
        let count = Float(maps.corners.count)
        func given(_ map: PatchMap, _ row: Int) -> String {
            "\(map.quantity == .attention ? map.values[row] / count : map.values[row])"
        }
        let ranks = maps.main.percentiles
        let rows = maps.corners.indices.lazy.map { row -> [String] in
            let corner = maps.corners[row]
            let value = "\(maps.main.values[row])"
            return [String(corner.x), String(corner.y), String(maps.side)]
                + (isAttention ? [given(maps.main, row), value] : [value])
                + ["\(ranks[row] * 100)"] + maps.rows.map { given($0, row) }
        }
        let header =
            ["x", "y", "side"] + (isAttention ? ["attention", "attention_times_n"] : ["score"]) + ["percentile"]
            + maps.rows.map(\.name)
        return Table.text(header: header, rows: rows)
    }
}
