import ArgumentParser
import Files
import Foundation
import MIL
import Torch

/// `bench-train`: training steps and inferences of every model beside plain eager PyTorch, on one thread.
@main
struct BenchTrain: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Times training steps and inferences of every model beside eager PyTorch in fp32, one thread each.",
        discussion: """
            Times are medians of CPU time, on a GPU of the clock; our steps and the peer's alternate. The peer computes in fp32 in both cases, so \
            ratios of bf16 are PyTorch's fp32 time over our bf16 time. The last line is a JSON object of the ratios of a \
            training step at 10,000 instances of 1024 features.

            Example: bench-train --python .deps/bench/bin/python --peer Benchmarks/peers/train.py --models acmil_ga
            """
    )

    enum Grid: String, ExpressibleByArgument { case standard, full, memory }

    @Option(
        help: """
            standard: 10,000 instances of 1024 features; full: 1,000 to 120,000 of 384 and 1024; memory: our inferences \
            alone, with 120,000 of 1024.
            """
    )
    var grid = Grid.standard

    @Option(help: "Names of models, separated by commas; all where it is empty.")
    var models = ""

    @Option(help: "A Python that has PyTorch.")
    var python: String

    @Option(help: "The peer's program.")
    var peer: String

    @Option(help: "Where both compute: cpu, cuda or cuda:N. Memory is measured on a CPU alone.")
    var device = "cpu"

    func run() throws {
        try NumericEngine.prepare(threads: 1)
        let names = models.split(separator: ",").map(String.init)
        let known = Subject.all.map(\.name)
        if let stranger = names.first(where: { !known.contains($0) }) {
            throw ValidationError("--models: \(stranger) is none of \(known.joined(separator: ", "))")
        }
        let subjects = Subject.all.filter { names.isEmpty || names.contains($0.name) }
        guard let place = Device(device) else { throw ValidationError("--device: cpu, cuda or cuda:N is wanted") }
        // As training has it: what makes results equal costs time.
        if place != .cpu { try LibTorch.makeCUDARepeatable() }
        if grid == .memory { return try Self.inferences(subjects) }
        let sizes =
            grid == .standard
            ? [BagSize(count: 10_000, width: 1024)]
            : [1_000, 10_000, 50_000, 120_000].flatMap { count in
                [384, 1024].map { BagSize(count: count, width: $0) }
            }
        Self.write(Row.header)
        var ratios: [String: Double] = [:]
        for size in sizes {
            let ceilings = try Ceilings(size, on: place)
            for subject in subjects {
                // A process of its own per case: memory that one leaves behind would count for the next.
                let rival = try Peer(python: python, program: peer)
                for row in try Duel(subject, size, rival, ceilings, on: place).run() {
                    Self.write(row.text)
                    if size == BagSize(count: 10_000, width: 1024), row.training.ratio.isFinite {
                        ratios["\(subject.name)_\(row.precision)"] = row.training.ratio
                    }
                }
                rival.finish()
            }
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        Self.write(String(decoding: try encoder.encode(ratios), as: UTF8.self))
    }

    private static func inferences(_ subjects: [Subject]) throws {
        let size = BagSize(count: 120_000, width: 1024)
        let features = try Trial.features(size, .float32)
        write("inference of \(size.count) instances of \(size.width) features; MB: memory above model and features")
        for (precision, input) in [("fp32", features), ("bf16", try features.to(.bfloat16))] {
            for subject in subjects {
                let trial = try Trial(subject, features: input)
                var seconds = 0.0
                let peak = try peakMegabytes { seconds = try timed { try trial.infer() } }
                let name = subject.name.padding(toLength: 16, withPad: " ", startingAt: 0)
                write(String(format: "\(name) \(precision) %8.0f ms %6.0f MB", seconds * 1e3, peak))
            }
        }
    }

    /// A line at once: the full grid takes long, and a reader may wait behind a pipe.
    private static func write(_ line: String) { FileHandle.standardOutput.write(Data("\(line)\n".utf8)) }
}
