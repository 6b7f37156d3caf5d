import Foundation
import Records
import Slides
import Storage

extension PatchSource {
    /// Opens the slide and hands its patches, in row order, to `use`.
    /// - Returns: the grid's rows that could be read.
    func readPatches(_ grid: PatchGrid, use: (PixelBatch) throws -> Void) throws -> [Int] {
        var kept: [Int] = []
        guard grid.count > 0 else { return kept }
        var reader = PatchReader(of: try Slide(path: slidePath), grid: grid)
        while let batch = try reader.nextBatch() {
            try use(batch)
            kept += batch.rows
        }
        return kept
    }

    /// What the feature file says of its origin, beside the grid's own facts.
    func attributes(_ encoder: EncoderIdentity, _ fingerprint: Fingerprint, version: String) throws -> [String: String]
    {
        [
            "wsi_version": version, "wsi_fingerprint": try CanonicalJSON.fingerprint(fingerprint),
            "wsi_encoder_digest": encoder.digest, "wsi_encoder_licence": encoder.licence,
        ]
    }

    /// The outcome's facts once the feature file is published.
    func describe(_ outcome: inout Outcome, rows: Int, unreadable: Int, width: Int) throws {
        outcome.status = rows == 0 ? .empty : .ok
        outcome.facts["grid"] = features.deletingLastPathComponent().deletingLastPathComponent().lastPathComponent
        outcome.figures = ["patches": Double(rows), "unreadable_patches": Double(unreadable), "width": Double(width)]
        outcome.outputs = try JobLayout(root: job).digests(of: [features])
    }
}
