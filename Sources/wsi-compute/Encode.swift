import Config
import Encoders
import Files
import Foundation
import Messages
import Records
import Storage
import Torch

/// `wsi-compute encode`: turns the pixels that reading workers send into feature files.
///
/// One connection is one slide, and one OS thread with one LibTorch thread serves it; many one-thread computations beat one
/// many-thread computation. The encoders are loaded once and shared; each batch of pixels goes through all of them.
enum Encode {
    /// - Parameter ready: called once the encoders are loaded and workers can connect.
    static func run(_ request: EncodeRequest, ready: () throws -> Void) throws -> Never {
        let device = try ComputeChoice.device(request.device)
        let encoders = try request.encoders.map { try encoder($0.manifest, $0.precision, on: device) }
        let listener = try PixelChannel.listen(at: request.socket)
        try ready()
        // On a GPU the threads take turns at the one device; on a CPU each computes on its own core.
        let turns = DispatchSemaphore(value: device == .cpu ? max(1, request.threads) : 1)
        while true {
            let channel = try PixelChannel.accept(on: listener)
            Thread.detachNewThread {
                defer { channel.close() }
                // A worker that is gone needs no answer; what it had sent is dropped with its files.
                try? channel.send(answers(channel, encoders, turns), as: .answer)
            }
        }
    }

    /// Whether an encoder gives its golden patch the right features, and how far bf16 takes others from those of fp32.
    static func check(_ request: EncoderCheckRequest) throws -> EncoderCheckRequest.Answer {
        let device = try ComputeChoice.device(request.device)
        let manifest = try EncoderManifest(contentsOf: URL(filePath: request.manifest))
        guard manifest.checkURL != nil || request.comparesFP32 else {
            throw Failure(
                .notFound,
                request.manifest,
                "the encoder's JSON names no 'check' file, so there is nothing to compare with; export it again"
            )
        }
        let golden = try manifest.checkURL.map { try GoldenPatch(contentsOf: $0, dim: manifest.dim) }
        // One after the other: two would need twice the memory.
        func probed(_ precision: Precision) throws -> (precision: Precision, GoldenCheck?, features: [Float]) {
            let encoder = try encoder(request.manifest, precision, on: device)
            let check = try golden.map { try GoldenCheck(encoder, $0) }
            return (encoder.precision, check, request.comparesFP32 ? try ProbePatches.features(of: encoder) : [])
        }
        let (precision, check, features) = try probed(request.precision)
        let fp32 =
            try request.comparesFP32
            ? FeatureDifference(features, from: probed(.fp32).features, dim: manifest.dim) : nil
        return .init(precision: precision, golden: check?.difference, fp32: fp32)
    }

    static func engine(_ request: EngineRequest) throws -> EngineRequest.Answer {
        let device = try ComputeChoice.device(request.device)
        let precision = try ComputeChoice.precision(request.precision, isScript: false, on: device)
        return .init(device: device == .cpu ? .cpu : .cuda, precision: precision)
    }

    private static func encoder(_ manifest: String, _ precision: Precision, on device: Device) throws -> FrozenEncoder {
        try LibTorch.setThreads(1)
        let manifest = try EncoderManifest(contentsOf: URL(filePath: manifest))
        return try FrozenEncoder(manifest, trustedBy: TrustStore(), precision: precision, on: device)
    }

    private static func answers(
        _ channel: PixelChannel,
        _ encoders: [FrozenEncoder],
        _ turns: DispatchSemaphore
    ) throws -> [EncodeAnswer] {
        try channel.meet("wsi worker")
        let header = try channel.receive(PixelHeader.self, as: .question)
        let grid: PatchGrid
        do { grid = try PatchFile.read(header.patches).grid } catch {
            return header.outputs.map { _ in .failed(Failure(error)) }
        }
        let side = grid.geometry.patchSize
        var slides = header.outputs.map { EncodedSlide(of: grid, encoders[$0.place], $0) }
        var pixels: [UInt8] = []
        while case let rows = try channel.receive(bytesPerRow: side * side * 3, pixels: &pixels), rows > 0 {
            turns.wait()
            defer { turns.signal() }
            for index in slides.indices { slides[index].append(pixels, count: rows, side: side) }
        }
        let kept = try channel.receive([Int].self, as: .word)
        return slides.map { $0.finish(keptRows: kept) }
    }
}

/// The features of one slide by one encoder. A slide that has failed is still read to its end, because its worker waits
/// for the answers and other encoders may go on.
private struct EncodedSlide {
    private let encoder: FrozenEncoder
    private var writer: Result<FeatureWriter, any Error>

    init(of grid: PatchGrid, _ encoder: FrozenEncoder, _ output: PixelHeader.Output) {
        self.encoder = encoder
        writer = Result {
            try FeatureWriter(
                to: output.features,
                grid: grid,
                width: encoder.dim,
                encoder: encoder.name,
                attributes: output.attributes
            )
        }
    }

    mutating func append(_ pixels: [UInt8], count: Int, side: Int) {
        guard case .success(let writer) = writer else { return }
        do {
            let features = try pixels.withUnsafeBytes { try encoder.encode(pixels: $0, count: count, side: side) }
            try writer.append(features)
        } catch { self.writer = .failure(error) }
    }

    func finish(keptRows: [Int]) -> EncodeAnswer {
        do {
            _ = try writer.get().finish(keptRows: keptRows)
            return .written
        } catch { return .failed(Failure(error)) }
    }
}
