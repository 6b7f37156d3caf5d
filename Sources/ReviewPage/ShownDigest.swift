import Files
import Foundation
import Records
public import Storage

extension PredictionFile {
    /// Tells what is shown of a prediction from anything else that might be: SHA-256 over its classes, probabilities and
    /// threshold, and the places and values of all maps. The bytes of the file, the name of the training and who made it are not
    /// in it, so that what was made again and is equal is the same.
    public func shownDigest() throws -> String {
        struct Head: Encodable {
            var classes: [String]
            var probabilities: [Double]
            var threshold: Double?
            var kind: String
            var rows: [String]
            var side: Int?
            var bagPatches: Int
        }
        var data = try CanonicalJSON.line(
            Head(
                classes: classes,
                probabilities: prediction.probabilities,
                threshold: prediction.threshold,
                kind: prediction.kind.rawValue,
                rows: prediction.rowNames,
                side: sideLevel0,
                bagPatches: bagPatches
            )
        )
        func append(_ number: some FixedWidthInteger) {
            withUnsafeBytes(of: number.littleEndian) { data.append(contentsOf: $0) }
        }
        for corner in prediction.corners {
            append(Int64(corner.x))
            append(Int64(corner.y))
        }
        for row in [prediction.attention] + prediction.branchAttention {
            append(Int64(row.count))
            for value in row { append(value.bitPattern) }
        }
        return Digest.sha256(data)
    }
}
