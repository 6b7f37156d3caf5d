import Files
import Foundation
import Messages
import Records
import Storage

/// Turns the pixels that reading workers send over a socket into feature files.
///
/// One connection is one slide, served by a thread of its own, which prepares its patches; all of them share the batches.
public struct PixelServer: Sendable {
    private let batcher: Batcher
    private let networks: [any BatchNetwork]
    private let computed: @Sendable () -> Void

    /// - Parameters:
    ///   - networks: in the order in which slides name them.
    ///   - computed: called when all features of a slide are there, before its reader hears of it.
    public init(
        _ batcher: Batcher,
        _ networks: [any BatchNetwork],
        computed: @escaping @Sendable () -> Void = {}
    ) {
        (self.batcher, self.networks, self.computed) = (batcher, networks, computed)
    }

    public func serve(_ listener: Int32) throws -> Never {
        while true {
            let channel = try PixelChannel.accept(on: listener)
            Thread.detachNewThread {
                defer { channel.close() }
                // A worker that is gone needs no answer; what it had sent is dropped with its files.
                guard let answers = try? answers(channel) else { return }
                computed()
                try? channel.send(answers, as: .answer)
            }
        }
    }

    private func answers(_ channel: PixelChannel) throws -> [EncodeAnswer] {
        try channel.meet("wsi worker")
        let header = try channel.receive(PixelHeader.self, as: .question)
        let grid: PatchGrid
        do { grid = try PatchFile.read(header.patches).grid } catch {
            return header.outputs.map { _ in .failed(Failure(error)) }
        }
        let side = grid.geometry.patchSize
        var slides = header.outputs.map { output in
            EncodedSlide(of: grid, networks[output.place], output, in: batcher)
        }
        defer { slides.forEach { $0.drop() } }
        var pixels: [UInt8] = []
        while case let rows = try channel.receive(bytesPerRow: side * side * 3, pixels: &pixels), rows > 0 {
            for index in slides.indices { slides[index].append(pixels, count: rows, side: side) }
            // Kept where they are not resampled; what comes next has room of its own.
            pixels = []
        }
        slides.forEach { $0.end() }
        let kept = try channel.receive([Int].self, as: .word)
        return slides.map { $0.finish(keptRows: kept) }
    }
}

/// The features of one slide by one encoder. A slide that has failed is still read to its end, because its worker waits
/// for the answers and other encoders may go on.
private struct EncodedSlide {
    private let batcher: Batcher
    private let ticket: Batcher.Ticket
    private var writer: Result<FeatureWriter, any Error>

    init(of grid: PatchGrid, _ network: any BatchNetwork, _ output: PixelHeader.Output, in batcher: Batcher) {
        self.batcher = batcher
        ticket = batcher.begin(output.place)
        writer = Result {
            try FeatureWriter(
                to: output.features,
                grid: grid,
                width: network.dim,
                encoder: network.name,
                attributes: output.attributes
            )
        }
        // Nobody is to wait for patches that are not sent.
        if case .failure = writer { drop() }
    }

    mutating func append(_ pixels: [UInt8], count: Int, side: Int) {
        guard case .success(let writer) = writer else { return }
        do {
            try writer.append(batcher.send(pixels, count: count, side: side, ticket))
        } catch {
            drop()
            self.writer = .failure(error)
        }
    }

    func finish(keptRows: [Int]) -> EncodeAnswer {
        do {
            let writer = try writer.get()
            let (features, batch) = try batcher.finish(ticket)
            try writer.append(features)
            _ = try writer.finish(keptRows: keptRows)
            return .written(batch: batch)
        } catch { return .failed(Failure(error)) }
    }

    func end() { batcher.end(ticket) }

    func drop() { batcher.drop(ticket) }
}
