import Batching
import Foundation
import Records
import Synchronization

/// Two numbers of each patch: its first byte, and the sum of all its bytes.
final class FakeNetwork: BatchNetwork {
    let name = "fake"
    let dim = 2
    let bytesPerPatch = 12

    /// What goes wrong.
    enum Fault {
        case none, memoryAbove(Int), lostAfter(Int), refuses(UInt8), noNumber(UInt8)
        /// Refuses it, and has no memory the next time.
        case refusesAndRunsOut(UInt8)
        /// As `refuses`, without a word of whether the patch is the cause; nil: refuses any.
        case unclear(UInt8?)
        /// Refuses it, is lost the next time, and talks nonsense from then on.
        case refusesAndIsLost(UInt8)
        /// Is lost by a batch with it.
        case lostBy(UInt8)
    }

    private let fault: Fault
    private let time: Double
    private let counts = Mutex<[Int]>([])
    private let isShort = Mutex(false)
    /// Refusals so far.
    private let refusals = Mutex(0)

    init(_ fault: Fault = .none, time: Double = 0) { (self.fault, self.time) = (fault, time) }

    /// Whether a patch has cost it.
    var isLost: Bool { refusals.withLock { $0 > 0 } }

    /// The sizes of the batches that were asked for.
    var batches: [Int] { counts.withLock { $0 } }

    func prepared(_ pixels: [UInt8], count: Int, side: Int) -> [UInt8] { pixels }

    func features(of pixels: UnsafeRawBufferPointer, count: Int) throws -> [Float] {
        let number = counts.withLock {
            $0.append(count); return $0.count
        }
        if time > 0 { Thread.sleep(forTimeInterval: time) }
        let patches = (0..<count).map { Array(pixels[($0 * bytesPerPatch)..<(($0 + 1) * bytesPerPatch)]) }
        switch fault {
        case .memoryAbove(let limit) where count > limit: throw BatchFault.memory(Failure(.io, "gpu", "out of memory"))
        case .lostAfter(let calls) where number > calls: throw BatchFault.device(Failure(.torch, "gpu", "CUDA error"))
        case .lostBy(let byte):
            let isLost = refusals.withLock { refusals in
                if patches.contains(where: { $0[0] == byte }) { refusals += 1 }
                return refusals > 0
            }
            if isLost { throw BatchFault.device(Failure(.io, "gpu", "CUDA error: unspecified launch failure")) }
        case .refuses(let byte) where patches.contains { $0[0] == byte }: throw Failure(.torch, "fake", "cannot")
        case .refusesAndRunsOut(let byte):
            let wasShort = isShort.withLock { isShort in
                defer { isShort = !isShort && patches.contains { $0[0] == byte } }
                return isShort
            }
            if wasShort { throw BatchFault.memory(Failure(.io, "gpu", "out of memory")) }
            if patches.contains(where: { $0[0] == byte }) { throw Failure(.torch, "fake", "cannot") }
        case .unclear(let byte) where byte == nil || patches.contains { $0[0] == byte }:
            throw BatchFault.unclear(Failure(.torch, "gpu", "CUDA error: invalid argument"))
        case .refusesAndIsLost(let byte):
            let before = refusals.withLock { refusals in
                defer { if refusals > 0 || patches.contains(where: { $0[0] == byte }) { refusals += 1 } }
                return refusals
            }
            if before == 1 { throw BatchFault.device(Failure(.io, "gpu", "CUDA error")) }
            if before > 1 { throw Failure(.torch, "fake", "nonsense") }
            if patches.contains(where: { $0[0] == byte }) { throw Failure(.torch, "fake", "cannot") }
        default: break
        }
        return patches.flatMap { patch -> [Float] in
            if case .noNumber(patch[0]) = fault { return [.nan, 0] }
            return [Float(patch[0]), Float(patch.reduce(0) { $0 + Int($1) })]
        }
    }
}

/// The patches of one slide, each with its own bytes.
struct FakeSlide {
    let patches: [[UInt8]]

    init(_ number: Int, _ count: Int) {
        patches = (0..<count).map { row in
            (0..<12).map { UInt8(truncatingIfNeeded: $0 == 0 ? number : row &* 31 &+ $0 &* 7) }
        }
    }

    var features: [Float] { patches.flatMap { [Float($0[0]), Float($0.reduce(0) { $0 + Int($1) })] } }

    /// Sends all patches, so many at a time, and takes their features.
    func encoded(by batcher: Batcher, chunk: Int, network: Int = 0) throws -> (features: [Float], batch: Int?) {
        let ticket = batcher.begin(network)
        defer { batcher.drop(ticket) }
        var features: [Float] = []
        for first in stride(from: 0, to: patches.count, by: chunk) {
            let part = patches[first..<min(patches.count, first + chunk)]
            features += try batcher.send(Array(part.joined()), count: part.count, side: 2, ticket)
        }
        let rest = try batcher.finish(ticket)
        return (features + rest.features, rest.batch)
    }
}
