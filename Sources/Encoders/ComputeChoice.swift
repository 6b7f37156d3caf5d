public import Config
import Foundation
import Records
public import Torch

/// What the words of `--device` and `--precision` mean on this machine.
public enum ComputeChoice {
    /// - Returns: one device or more.
    /// - Throws: `Failure` (usage) for a GPU that LibTorch does not see, and where the environment asks for other results on one.
    public static func devices(_ choice: DeviceChoice) throws -> [ComputeDevice] {
        if choice == .cpu { return [.cpu] }
        let count = try LibTorch.cudaIsAvailable ? LibTorch.cudaDevices : 0
        let visible = VisibleDevices(
            count: count,
            isBuiltWithCUDA: LibTorch.isBuiltWithCUDA,
            mask: ProcessInfo.processInfo.environment["CUDA_VISIBLE_DEVICES"],
            free: choice == .auto && count > 1 ? freeMemory(of: count) : []
        )
        let devices = try visible.devices(of: choice)
        if devices != [.cpu] { try checkEnvironment() }
        return devices
    }

    /// Bytes of each GPU that nobody uses, as NVIDIA's libraries tell, without any work on it; empty where the driver shows
    /// others than LibTorch.
    private static func freeMemory(of count: Int) -> [Int?] {
        guard let driver = try? CUDADriver(), driver.count == count else { return [] }
        return (0..<count).map { index in (try? driver.gpu(index))?.freeMemory }
    }

    /// - Throws: `Failure` (usage) where the environment asks for other results on CUDA devices.
    public static func checkEnvironment() throws {
        do { try LibTorch.checkCUDAEnvironment() } catch { throw Failure(.usage, error.operation, error.message) }
    }

    /// - Parameter isScript: whether the network is TorchScript, which computes in bf16 only where that is asked for.
    /// - Returns: bf16 or fp32.
    /// - Throws: `Failure` (usage) for bf16 where nothing multiplies in it.
    public static func precision(_ word: Precision, isScript: Bool, on device: Device) throws -> Precision {
        let hasBF16 = try device != .cpu || LibTorch.canPack(.bfloat16)
        switch word {
        case .fp32: return .fp32
        case .auto: return !isScript && hasBF16 ? .bf16 : .fp32
        case .bf16:
            guard hasBF16 else {
                throw Failure(.usage, "--precision", "this processor does not multiply in bf16; use fp32")
            }
            return .bf16
        }
    }

    /// Settles what a CUDA device needs to give the same bits again, and has it multiply; a CPU needs nothing.
    /// - Throws: `Failure` (usage) where the environment asks for something else, `Failure(ofDevice:)`'s where it does not compute,
    ///   or computes wrongly.
    public static func open(_ device: Device) throws {
        guard device != .cpu else { return }
        try checkEnvironment()
        do { try LibTorch.open(device) } catch {
            throw Failure(ofDevice: "\(device)", oneLine(error.message)) ?? Failure(.torch, "\(device)", "\(error)")
        }
    }
}

extension Device {
    public init(_ device: ComputeDevice) {
        switch device {
        case .cpu: self = .cpu
        case .cuda(let index): self = .cuda(index)
        }
    }
}
