import Files
import Foundation
import Messages
public import Records
import Slides
import Storage
import Texture

extension FeatureTask {
    /// Decodes the slide's patches once. he-texture-v1 is computed here; what neural encoders want goes to `wsi-compute`,
    /// which writes their files.
    /// - Returns: one outcome per output, in their order.
    /// - Throws: `EncoderLost`, else only for bugs; what is wrong with the slide, an encoder or the disk is in the outcomes.
    public func outcomes(
        version: String,
        times: inout WorkTimes,
        say: (WorkerMessage) -> Void
    ) throws -> [Outcome] {
        let made = Result { try make(version: version, times: &times, say: say) }
        if case .failure(let lost as EncoderLost) = made { throw lost }
        return try outputs.map { output in
            let stage = StageName.features(output.encoder.name)
            return try Outcome.of(source.slide, stage: stage, fingerprint: output.fingerprint) { outcome in
                let made = try made.get()
                switch output.place.flatMap({ made.answers[$0] }) {
                case .failed(let failure)?: throw failure
                case .written(let batch)?: outcome[.batch] = batch.map(Double.init)
                case nil: break
                }
                outcome.status = made.kept.rows.isEmpty ? .empty : .ok
                if made.kept.rows.isEmpty, made.unreadable > 0 {
                    outcome.emptyReason = "none of its \(made.unreadable) patches could be read"
                }
                let grid = source.patches.deletingLastPathComponent().deletingLastPathComponent()
                outcome[.grid] = grid.lastPathComponent
                outcome[.openSlide] = made.kept.openSlide
                outcome[.patches] = Double(made.kept.rows.count)
                outcome[.unreadablePatches] = Double(made.unreadable)
                outcome[.width] = Double(output.encoder.width)
                try outcome.record([output.features], in: JobLayout(root: source.job))
            }
        }
    }

    private struct Made {
        var kept: PatchSource.Kept
        var unreadable: Int
        /// By the encoder's place.
        var answers: [Int: EncodeAnswer]
    }

    private func make(version: String, times: inout WorkTimes, say: (WorkerMessage) -> Void) throws -> Made {
        var watch = Stopwatch()
        let (grid, inherited) = try PatchFile.read(source.patches)
        func attributes(_ output: FeatureOutput) throws -> [String: String] {
            var own = output.encoder.facts.attributes
            own["wsi_version"] = version
            own["wsi_fingerprint"] = try CanonicalJSON.fingerprint(output.fingerprint)
            own["wsi_encoder_precision"] = output.fingerprint[.precision]
            return inherited.merging(own) { $1 }
        }
        let writers = try outputs.filter { $0.place == nil }.map { output in
            try FeatureWriter(
                to: output.features,
                grid: grid,
                width: output.encoder.width,
                encoder: output.encoder.name,
                attributes: attributes(output)
            )
        }
        times.add(watch.lap(), to: .write)
        let sent = try outputs.compactMap { output in
            try output.place.map { try PixelHeader.Output($0, output.features, attributes: attributes(output)) }
        }
        let channel = try talking { try socket.map { try PixelChannel(connectingTo: $0) } }
        defer { channel?.close() }
        try talking {
            try channel?.meet("wsi-compute")
            try channel?.send(PixelHeader(patches: source.patches, outputs: sent), as: .question)
        }
        times.add(watch.lap(), to: .encode)
        let kept = try source.readPatches(grid, times: &times) { batch, times in
            _ = watch.lap()
            try batch.pixels.withUnsafeBytes { pixels in
                try talking { try channel?.send(pixels: pixels) }
            }
            for writer in writers {
                let features = HETexture.features(ofPatches: batch.pixels, count: batch.count, side: batch.side)
                times.add(watch.lap(), to: .encode)
                try writer.append(features)
                times.add(watch.lap(), to: .write)
            }
            times.add(watch.lap(), to: .encode)
            say(.patches(batch.count))
        }
        _ = watch.lap()
        for writer in writers { _ = try writer.finish(keptRows: kept.rows) }
        times.add(watch.lap(), to: .write)
        let answers = try talking {
            try channel?.send(pixels: UnsafeRawBufferPointer(start: nil, count: 0))
            try channel?.send(kept.rows, as: .word)
            if channel != nil { say(.hasRead) }
            return try channel?.receive([EncodeAnswer].self, as: .answer) ?? []
        }
        times.add(watch.lap(), to: .encode)
        guard answers.count == sent.count else {
            throw Failure(.bug, nil, "\(answers.count) answers for \(sent.count) encoders")
        }
        return Made(
            kept: kept,
            unreadable: grid.count - kept.rows.count,
            answers: Dictionary(uniqueKeysWithValues: zip(sent.map(\.place), answers))
        )
    }
    /// What goes wrong between the two processes says nothing of the slide.
    private func talking<Answer>(_ talk: () throws -> Answer) throws -> Answer {
        do { return try talk() } catch let error as any ReportableError {
            throw EncoderLost(
                Failure(error.code, source.slide.text, "no word from the encoder's process: \(error.message)")
            )
        }
    }
}
