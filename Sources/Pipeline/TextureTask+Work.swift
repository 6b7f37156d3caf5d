import Foundation
public import Records
import Slides
import Storage
import Texture

extension TextureTask {
    /// Reads and describes a slide's patches in one process; no LibTorch.
    /// - Throws: only for bugs; what is wrong with the slide or the disk is in the outcome.
    public func outcome(version: String, advanced: (Int) -> Void) throws -> Outcome {
        let stage = FeatureStage.name(encoder: encoder.name)
        return try Outcome.of(source.slide, stage: stage, fingerprint: fingerprint) { outcome in
            let (grid, inherited) = try PatchFile.read(source.patches)
            let attributes = try source.attributes(encoder, fingerprint, version: version)
            let writer = try FeatureWriter(
                to: source.features,
                grid: grid,
                width: encoder.width,
                encoder: encoder.name,
                attributes: inherited.merging(attributes) { $1 }
            )
            let kept = try source.readPatches(grid) { batch in
                try writer.append(HETexture.features(ofPatches: batch.pixels, count: batch.count, side: batch.side))
                advanced(batch.count)
            }
            _ = try writer.finish(keptRows: kept)
            try source.describe(&outcome, rows: kept.count, unreadable: grid.count - kept.count, width: encoder.width)
        }
    }
}
