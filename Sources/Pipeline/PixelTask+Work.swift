import Foundation
public import Records
import Slides
import Storage

extension PixelTask {
    /// Reads a slide's patches and sends them to `wsi-compute`, which writes the feature file.
    /// - Throws: only for bugs; what is wrong with the slide, the encoder or the disk is in the outcome.
    public func outcome(version: String, advanced: (Int) -> Void) throws -> Outcome {
        let stage = FeatureStage.name(encoder: encoder.name)
        return try Outcome.of(source.slide, stage: stage, fingerprint: fingerprint) { outcome in
            let (grid, inherited) = try PatchFile.read(source.patches)
            let channel = try PixelChannel(connectingTo: socket)
            defer { channel.close() }
            let attributes = try source.attributes(encoder, fingerprint, version: version)
            try channel.send(
                PixelHeader(
                    patches: source.patches,
                    features: source.features,
                    attributes: inherited.merging(attributes) { $1 }
                )
            )
            let kept = try source.readPatches(grid) { batch in
                try batch.pixels.withUnsafeBytes { try channel.send(rows: batch.count, pixels: $0) }
                advanced(batch.count)
            }
            try channel.send(rows: 0, pixels: UnsafeRawBufferPointer(start: nil, count: 0))
            try channel.send(kept)
            if case .failed(let failure) = try channel.receive(EncodeAnswer.self) { throw failure }
            try source.describe(&outcome, rows: kept.count, unreadable: grid.count - kept.count, width: encoder.width)
        }
    }
}
