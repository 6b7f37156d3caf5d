import Foundation
import Torch

/// One model at one size: ours in both precisions and the peer's take turns.
struct Duel {
    /// Each contestant runs until this many seconds are spent on it, within the bounds.
    private static let budget = 6.0
    private static let rounds = 3...15

    private let subject: Subject
    private let size: BagSize
    private let peer: Peer
    private let ceilings: Ceilings
    private let device: Device

    init(_ subject: Subject, _ size: BagSize, _ peer: Peer, _ ceilings: Ceilings, on device: Device) {
        (self.subject, self.size, self.peer, self.ceilings) = (subject, size, peer, ceilings)
        self.device = device
    }

    func run() throws -> [Row] {
        let features = try Trial.features(size, .float32, on: device)
        let inputs = [(DType.float32, features), (.bfloat16, try features.to(.bfloat16))]
        try peer.prepare(subject.name, size, on: device)
        let ours = try inputs.map { precision, features in (precision, try Trial(subject, features: features)) }
        // First steps, which also warm everything up, tell the memory; inference first, as it needs less.
        let inferPeaks = try ours.map { trial in try peak { try trial.1.infer() } }
        let trainPeaks = try ours.map { trial in try peak { try trial.1.train() } }
        let peerPeaks = (infer: try peer.peak("infer"), train: try peer.peak("train"))
        let train = try turns(ours.map { trial in { try time { try trial.1.train() } } }) { try peer.seconds("train") }
        let infer = try turns(ours.map { trial in { try time { try trial.1.infer() } } }) { try peer.seconds("infer") }
        return ours.indices.map { index in
            let precision = ours[index].0
            return Row(
                model: subject.name,
                precision: precision == .float32 ? "fp32" : "bf16",
                size: size,
                ceiling: ceilings[precision],
                training: .init(
                    seconds: train.ours[index],
                    peerSeconds: train.peer,
                    work: subject.trainingWork(size),
                    peak: trainPeaks[index],
                    peerPeak: peerPeaks.train
                ),
                inference: .init(
                    seconds: infer.ours[index],
                    peerSeconds: infer.peer,
                    work: subject.inferenceWork(size),
                    peak: inferPeaks[index],
                    peerPeak: peerPeaks.infer
                )
            )
        }
    }

    /// Seconds of `body`: of the processor, or of the clock where that waits for a GPU. Each body ends with a number that it reads
    /// from there.
    private func time(_ body: () throws -> Void) throws -> Double {
        if device == .cpu { return try timed(body) }
        let start = ContinuousClock.now
        try body()
        return (ContinuousClock.now - start) / .seconds(1)
    }

    /// Megabytes; 0 on a GPU, whose memory Linux does not count.
    private func peak(_ body: () throws -> Void) throws -> Double {
        if device == .cpu { return try peakMegabytes(body) }
        try body()
        return 0
    }

    /// Medians of what the contestants need.
    private func turns(
        _ contestants: [() throws -> Double],
        _ rival: () throws -> Double
    ) throws -> (ours: [Double], peer: Double) {
        var times = [[Double]](repeating: [], count: contestants.count)
        var rivals: [Double] = []
        while rivals.count < Self.rounds.lowerBound
            || (rivals.count < Self.rounds.upperBound && rivals.reduce(0, +) < Self.budget)
        {
            for (index, contestant) in contestants.enumerated() { times[index].append(try contestant()) }
            rivals.append(try rival())
        }
        return (times.map(median), median(rivals))
    }
}

/// A line of the table.
struct Row {
    struct Half {
        var seconds, peerSeconds: Double
        /// FLOPs of matrix products.
        var work: Double
        /// Megabytes above what is held.
        var peak, peerPeak: Double

        var ratio: Double { peerSeconds / seconds }

        func text(ceiling: Double) -> String {
            let rate = work / seconds / 1e9
            return String(
                format: "%9.1f %9.1f %6.2f %7.0f %5.0f%% %7.0f %7.0f",
                seconds * 1e3,
                peerSeconds * 1e3,
                ratio,
                rate,
                100 * rate / ceiling,
                peak,
                peerPeak
            )
        }
    }

    var model, precision: String
    var size: BagSize
    var ceiling: Double
    var training, inference: Half

    static let header = """
        PyTorch is eager, fp32 in all rows. ms: median CPU time of a step. GFLOP/s: matrix products as we compute them.
        ceiling: share of the first layer's product alone, in the row's precision. MB: memory above model and features.
        \("model".padding(toLength: 16, withPad: " ", startingAt: 0))              N    D  \
        | train ms   PyTorch  ratio GFLOP/s ceil.      MB PyTorch | infer ms   PyTorch  ratio GFLOP/s ceil.      MB PyTorch
        """

    var text: String {
        let name = model.padding(toLength: 16, withPad: " ", startingAt: 0)
        let bag = String(format: "%7d %4d", size.count, size.width)
        return "\(name) \(precision) \(bag)  |\(training.text(ceiling: ceiling)) |\(inference.text(ceiling: ceiling))"
    }
}
