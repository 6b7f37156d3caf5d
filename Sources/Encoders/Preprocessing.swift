import Config
import Storage
import Torch

/// What every encoder does to pixels first: resample to its side, or to a larger one whose middle is cut out, then normalise
/// per channel, as torchvision's `Resize`, `CenterCrop`, `ToTensor` and `Normalize` do, to the bit on a CPU.
struct Preprocessing {
    private let input: Int
    /// Side that patches are resampled to; `input` in the middle of it is left.
    private let resized: Int
    private let interpolation: EncoderManifest.Interpolation
    /// The normalised value of each byte, by channel.
    private let tables: [[Float]]
    /// [1, 3, 1, 1], on the device.
    private let mean, std: Tensor

    init(_ manifest: EncoderManifest, on device: Device = .cpu) throws(TorchError) {
        input = manifest.input
        resized = manifest.resize ?? manifest.input
        interpolation = manifest.interpolation
        mean = try Tensor(manifest.mean.map { Float($0) }, shape: [1, 3, 1, 1], on: device)
        std = try Tensor(manifest.std.map { Float($0) }, shape: [1, 3, 1, 1], on: device)
        tables = zip(manifest.mean, manifest.std).map { mean, std in
            (0..<256).map { (Float($0) / 255 - Float(mean)) / Float(std) }
        }
    }

    /// Bytes of a patch that is ready for the network.
    var bytesPerPatch: Int { input * input * 3 }

    /// Patches [count, side, side, 3] as patches [count, input, input, 3].
    func resampled(_ pixels: UnsafeRawBufferPointer, count: Int, side: Int) -> [UInt8] {
        let pixels = pixels.bindMemory(to: UInt8.self)
        guard !keeps(side) else { return Array(pixels) }
        let resampling = Resampling(from: side, to: resized, interpolation, keeping: input)
        let bytes = side * side * 3
        return (0..<count).flatMap { patch in
            resampling.apply(UnsafeBufferPointer(rebasing: pixels[(patch * bytes)..<((patch + 1) * bytes)]))
        }
    }

    /// Whether patches of this side go to the network as they are.
    func keeps(_ side: Int) -> Bool { side == input && resized == input }

    /// Patches [count, input, input, 3] of bytes as normalised fp32 [count, 3, input, input].
    ///
    /// A CPU looks each byte up; a GPU is sent the bytes, a quarter of the transfer, and normalises them itself.
    func normalised(_ pixels: UnsafeRawBufferPointer, count: Int, by lane: Lane) throws(TorchError) -> Tensor {
        guard lane.device == .cpu else { return try sent(pixels, count: count, by: lane) }
        return try looked(up: pixels.bindMemory(to: UInt8.self), count: count)
    }

    /// By table, from interleaved channels to planes.
    private func looked(up pixels: UnsafeBufferPointer<UInt8>, count: Int) throws(TorchError) -> Tensor {
        let area = input * input
        let planes = [Float](unsafeUninitializedCapacity: count * 3 * area) { planes, filled in
            for patch in 0..<count {
                for (channel, table) in tables.enumerated() {
                    table.withUnsafeBufferPointer { table in
                        let (source, target) = (patch * area * 3 + channel, (patch * 3 + channel) * area)
                        for pixel in 0..<area { planes[target + pixel] = table[Int(pixels[source + pixel * 3])] }
                    }
                }
            }
            filled = planes.count
        }
        return try Tensor(planes, shape: [count, 3, input, input])
    }

    /// By the device, from its copy of the bytes. Channels stay beside each other in memory.
    func sent(_ pixels: UnsafeRawBufferPointer, count: Int, by lane: Lane) throws(TorchError) -> Tensor {
        let bytes = try lane.send(pixels, .uint8, shape: [count, input, input, 3])
        return try (bytes.permute([0, 3, 1, 2]).to(.float32) / 255 - mean) / std
    }
}
