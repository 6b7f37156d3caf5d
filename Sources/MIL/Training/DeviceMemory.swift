import Torch

/// Memory for bags that lie on a device.
enum DeviceMemory {
    /// Bytes for the features of one fold: what is given, but of a GPU, which has a memory of its own, no more than the fold's part of
    /// half of what nobody uses there. The other half is for the steps.
    /// - Parameter folds: that share the device.
    static func forBags(
        _ given: Int,
        on device: Device,
        folds: Int,
        driver: () throws(TorchError) -> CUDADriver = { () throws(TorchError) in try CUDADriver() }
    ) -> Int {
        guard let index = device.cudaIndex, let gpu = try? driver().gpu(index) else { return given }
        return min(given, (gpu.freeMemory ?? gpu.memory) / 2 / max(1, folds))
    }
}
