public import Records
import Storage

/// The values behind a heatmap as CSV.
public enum HeatmapTable {
    /// Columns `x, y, side` in level-0 pixels, `attention` and `attention_times_n`, or `score` where the numbers are no
    /// shares of the bag, and one column per row of the model.
    /// - Throws: `ReviewError.shape` where the prediction has no corners.
    public static func text(_ prediction: Prediction, side: Int) throws -> String {
        let count = prediction.attention.count
        guard prediction.corners.count == count, prediction.branchAttention.allSatisfy({ $0.count == count }) else {
            throw ReviewError.shape("\(prediction.corners.count) corners for \(count) values of attention")
        }
        let branches = prediction.branchAttention
        let rows = (0..<count).lazy.map { row in
            let corner = prediction.corners[row]
            let value = prediction.attention[row]
            let values = prediction.kind == .attention ? [value, value * Float(count)] : [value]
            return [String(corner.x), String(corner.y), String(side)]
                + (values + branches.map { $0[row] }).map { "\($0)" }
        }
        let columns = prediction.kind == .attention ? ["attention", "attention_times_n"] : ["score"]
        let header = ["x", "y", "side"] + columns + prediction.rowNames
        return Table.text(header: header, rows: rows)
    }
}
