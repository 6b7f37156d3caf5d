import Encoders
import Foundation
import Records
import Storage
import Torch

/// `wsi-compute encode`: turns the pixels that reading workers send into feature files.
///
/// One connection is one slide, and one OS thread with one LibTorch thread serves it; many one-thread computations beat one
/// many-thread computation. The encoder is loaded once and shared.
enum Encode {
    static func run(_ request: EncodeRequest) throws -> Never {
        let manifest = try EncoderManifest(contentsOf: URL(filePath: request.manifest))
        try LibTorch.setThreads(1)
        let device = try device(request.device)
        let encoder = try FrozenEncoder(manifest, trustedBy: TrustStore(), on: device)
        let listener = try PixelChannel.listen(at: request.socket)
        try FileHandle.standardOutput.write(contentsOf: Data("ready\n".utf8))
        // On a GPU the threads take turns at the one device; on a CPU each computes on its own core.
        let turns = DispatchSemaphore(value: device == .cpu ? max(1, request.threads) : 1)
        while true {
            let channel = try PixelChannel.accept(on: listener)
            Thread.detachNewThread {
                defer { channel.close() }
                // A worker that is gone needs no answer; what it had sent is dropped with its file.
                try? channel.send(answer(channel, encoder, turns))
            }
        }
    }

    private static func answer(_ channel: PixelChannel, _ encoder: FrozenEncoder, _ turns: DispatchSemaphore) throws
        -> EncodeAnswer
    {
        do {
            let header = try channel.receive(PixelHeader.self)
            let grid = try PatchFile.read(header.patches).grid
            let side = grid.geometry.patchSize
            let writer = try FeatureWriter(
                to: header.features,
                grid: grid,
                width: encoder.dim,
                encoder: encoder.name,
                attributes: header.attributes
            )
            var pixels: [UInt8] = []
            var failure: Failure?
            while case let rows = try channel.receive(bytesPerRow: side * side * 3, pixels: &pixels), rows > 0 {
                // A slide that has failed is still read to its end: its worker waits for the answer.
                guard failure == nil else { continue }
                turns.wait()
                defer { turns.signal() }
                do {
                    let features = try pixels.withUnsafeBytes {
                        try encoder.encode(pixels: $0, count: rows, side: side)
                    }
                    try writer.append(features)
                } catch { failure = Failure(error) }
            }
            let kept = try channel.receive([Int].self)
            if let failure { return .failed(failure) }
            _ = try writer.finish(keptRows: kept)
            return .written
        } catch { return .failed(Failure(error)) }
    }

    private static func device(_ word: String) throws -> Device {
        switch word {
        case "cpu": return .cpu
        case "cuda":
            guard try LibTorch.cudaIsAvailable else {
                throw Failure(
                    .usage,
                    "--device",
                    "this LibTorch sees no CUDA device; use cpu, or set LIBTORCH to a CUDA build"
                )
            }
            return .cuda(0)
        default: return try LibTorch.cudaIsAvailable ? .cuda(0) : .cpu
        }
    }
}
