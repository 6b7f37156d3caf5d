public import Records

/// Where networks compute.
public enum DeviceChoice: String, ConfigChoice {
    /// CUDA where LibTorch has it, else the CPU.
    case auto
    case cpu, cuda
}
