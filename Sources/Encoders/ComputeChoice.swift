public import Config
import Records
public import Torch

/// What the words of `--device` and `--precision` mean on this machine.
public enum ComputeChoice {
    /// - Throws: `Failure` (usage) for CUDA where there is none.
    public static func device(_ choice: DeviceChoice) throws -> Device {
        switch choice {
        case .cpu: return .cpu
        case .cuda:
            guard try LibTorch.cudaIsAvailable else {
                throw Failure(
                    .usage,
                    "--device",
                    "this LibTorch sees no CUDA device; use cpu, or set LIBTORCH to a CUDA build"
                )
            }
            return .cuda(0)
        case .auto: return try LibTorch.cudaIsAvailable ? .cuda(0) : .cpu
        }
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
}
