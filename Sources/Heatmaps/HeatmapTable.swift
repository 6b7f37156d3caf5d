import Files
import Records
import Storage

/// The values behind a heatmap as CSV.
public enum HeatmapTable {
    /// Columns `x, y, side` in level-0 pixels of the slide; `attention` and `attention_times_n`, or `score` where the numbers
    /// are no shares of the bag; the `percentile` of that in the slide; then every other row of the model as it is.
    public static func text(_ maps: SlideMaps) -> String {
        let main = maps.main
        let isAttention = main.quantity == .attention
        let columns = [maps.mainColumn] + (isAttention ? ["attention_times_n"] : [])
        let ranks = main.percentiles
        let further = maps.further
        let rows = maps.corners.indices.lazy.map { row -> [String] in
            let corner = maps.corners[row]
            let values = [main.given[row]] + (isAttention ? [main.values[row]] : [])
            return [String(corner.x), String(corner.y), String(maps.side)] + values.map { "\($0)" }
                + ["\(ranks[row] * 100)"] + further.map { "\($0.given[row])" }
        }
        let header = ["x", "y", "side"] + columns + ["percentile"] + further.map(\.name)
        return Table.text(header: header, rows: rows)
    }
}
