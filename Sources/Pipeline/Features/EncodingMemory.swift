import Config
import Files
import Records

/// What `wsi-compute encode` takes of the machine's memory while its readers work, as far as that is known before it runs: patches that
/// wait and are computed, what devices copy from and to, features, and on a processor the weights. A GPU's weights and what its network
/// makes on the way lie in its own memory. What CUDA takes for itself has not been measured and is left out.
struct EncodingMemory {
    struct Encoder {
        /// Side of a patch in pixels as the network takes it.
        var input: Int
        /// Numbers per patch.
        var dim: Int
        /// Bytes of the file of weights.
        var weights: Int
    }

    /// LibTorch itself, before its first patch.
    private static let own = WorkerRoom.perWorker
    /// Of page-locked memory for each batch at a time (`ctorch_lane.h`).
    private static let locked = 64 << 20
    /// Patches that a reader sends together.
    private static let message = 16

    var devices: [ComputeDevice]
    /// Batches that a processor computes at a time.
    var threads: Int
    var encoders: [Encoder]
    /// Of a patch as it is read, in pixels.
    var side: Int
    /// That are connected at a time.
    var readers: Int

    /// Patches of each encoder that may wait, as `Batcher` lets them.
    var waiting: Int {
        let all = devices.reduce(Count(0)) { $0 + Count(2) * Count($1.batch) * Count($1.lanes(threads: threads)) }
        return max(all.value / max(1, encoders.count), devices.map(\.batch).max() ?? 0)
    }

    /// Bytes; the largest number there is where they are more.
    var bytes: Int {
        let sizes = encoders.map { Count(3) * Count($0.input) * Count($0.input) }
        let largest = sizes.max { $0.value < $1.value } ?? Count(0)
        let dim = encoders.map(\.dim).max() ?? 0
        var sum = Count(Self.own)
        for device in devices {
            let batch = Count(device.batch) * largest
            // Taken out of those that wait; put together; on its way; and features, as they arrive and as they are handed on.
            let lane =
                batch + batch + Count(min(Self.locked, batch.value)) + Count(2 * 4) * Count(device.batch) * Count(dim)
            sum = sum + Count(device.lanes(threads: threads)) * lane
        }
        for size in sizes { sum = sum + Count(waiting) * size }
        // As a reader sent them, and as each network takes them.
        let sent = sizes.reduce(Count(3) * Count(side) * Count(side), +)
        sum = sum + Count(readers) * Count(Self.message) * sent
        if devices.contains(.cpu) { sum = encoders.reduce(sum) { $0 + Count($1.weights) } }
        return sum.value
    }

    /// A number of bytes that goes no further than there are numbers: what it is made of comes from files of others.
    private struct Count {
        var value: Int

        init(_ value: Int) { self.value = max(0, value) }

        static func + (one: Count, other: Count) -> Count {
            let (sum, isOver) = one.value.addingReportingOverflow(other.value)
            return Count(isOver ? .max : sum)
        }

        static func * (one: Count, other: Count) -> Count {
            let (product, isOver) = one.value.multipliedReportingOverflow(by: other.value)
            return Count(isOver ? .max : product)
        }
    }
}

extension EncodingMemory.Encoder {
    /// nil for one that the readers compute.
    init?(_ choice: EncoderChoice) {
        guard case .neural(let manifest, _) = choice else { return nil }
        let weights = try? RegularFile.size(manifest.weightsURL)
        self.init(input: manifest.input, dim: manifest.dim, weights: weights ?? 0)
    }
}
