public import Records
import Storage

/// The values behind a heatmap as CSV.
public enum HeatmapTable {
    /// Columns `x, y, side` in level-0 pixels, `attention`, `attention_times_n` and one column per branch.
    /// - Throws: `ReviewError.shape` where the prediction has no corners.
    public static func text(_ prediction: Prediction, side: Int) throws -> String {
        let count = prediction.attention.count
        guard prediction.corners.count == count, prediction.branchAttention.allSatisfy({ $0.count == count }) else {
            throw ReviewError.shape("\(prediction.corners.count) corners for \(count) values of attention")
        }
        let branches = prediction.branchAttention
        let rows = (0..<count).lazy.map { row in
            let corner = prediction.corners[row]
            let attention = prediction.attention[row]
            return [String(corner.x), String(corner.y), String(side), "\(attention)", "\(attention * Float(count))"]
                + branches.map { "\($0[row])" }
        }
        let header =
            ["x", "y", "side", "attention", "attention_times_n"] + branches.indices.map { "branch_\($0)" }
        return Table.text(header: header, rows: rows)
    }
}
