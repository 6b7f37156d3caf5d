import Files
import Foundation
import Records
public import Storage

extension PredictionFile {
    /// Tells what is shown of a prediction from anything else that might be: SHA-256 over its classes and answer, and
    /// the places and values of all maps. The bytes of the file, the name of the training and who made it are not
    /// in it, so that what was made again and is equal is the same.
    public func shownDigest() throws -> String {
        var data = try CanonicalJSON.line(ShownHead(self))
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

private struct ShownHead: Encodable {
    var classes: [String]
    /// Beside the others, under names of its own.
    var answer: Answer
    var kind: String
    var rows: [String]
    var side: Int?
    var bagPatches: Int

    enum CodingKeys: String, CodingKey { case classes, kind, rows, side, bagPatches }

    init(_ file: PredictionFile) {
        (classes, answer) = (file.classes, file.prediction.answer)
        (kind, rows) = (file.prediction.kind.rawValue, file.prediction.rowNames)
        (side, bagPatches) = (file.sideLevel0, file.bagPatches)
    }

    func encode(to encoder: any Encoder) throws {
        try Dictionary(uniqueKeysWithValues: answer.stored.map { ($0.name, $0.value) }).encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(classes, forKey: .classes)
        try container.encode(kind, forKey: .kind)
        try container.encode(rows, forKey: .rows)
        try container.encodeIfPresent(side, forKey: .side)
        try container.encode(bagPatches, forKey: .bagPatches)
    }
}
