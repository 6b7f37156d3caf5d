public import Config
public import Records

/// `wsi-compute machine`: what LibTorch is, and what it makes of this machine.
public struct MachineRequest: ComputeQuestion {
    public struct Answer: Codable, Sendable {
        /// Of the program.
        public var release: String
        /// Of LibTorch.
        public var libtorch: String
        /// The processor's instructions that LibTorch has kernels for.
        public var capability: String
        public var hasOneDNN: Bool
        /// What networks compute in on the processor: bf16 or fp32.
        public var precision: Precision
        /// CUDA devices; nil where there is no CUDA, or no driver and device for it.
        public var devices: Int?
        /// Whether it is a build with CUDA.
        public var isBuiltWithCUDA: Bool
        /// The CUDA that it was built with, such as `13.0`.
        public var cuda: String?

        public init(
            release: String,
            libtorch: String,
            capability: String,
            hasOneDNN: Bool,
            precision: Precision,
            devices: Int?,
            isBuiltWithCUDA: Bool,
            cuda: String? = nil
        ) {
            self.release = release
            self.libtorch = libtorch
            self.capability = capability
            self.hasOneDNN = hasOneDNN
            self.precision = precision
            self.devices = devices
            self.isBuiltWithCUDA = isBuiltWithCUDA
            self.cuda = cuda
        }
    }

    public static let verb = ComputeVerb.machine

    public init() {}
}

/// `wsi-compute devices`: looks at NVIDIA's driver, and has every device that LibTorch sees multiply matrices, the processor first. Each
/// is told at once, and named before: a driver may end the process, or never answer.
public struct DevicesRequest: ComputeQuestion {
    public enum Word: Codable, Equatable, Sendable {
        case driver(DriverFacts)
        /// Of this device the check begins.
        case begins(ComputeDevice)
        case check(DeviceCheck)
    }

    public typealias Answer = Done

    public static let verb = ComputeVerb.devices

    /// Of the processor.
    public var threads: Int

    public init(threads: Int) { self.threads = threads }
}

/// NVIDIA's driver and the GPUs that it shows a process, whether LibTorch can use them or not.
public struct DriverFacts: Codable, Equatable, Sendable {
    public struct GPU: Codable, Equatable, Sendable {
        /// As LibTorch counts them.
        public var index: Int
        public var name: String
        /// Such as `9.0`.
        public var capability: String
        /// Bytes.
        public var memory: Int
        /// Bytes that nobody uses; nil where that is not told.
        public var freeMemory: Int?
        /// Whether LibTorch has kernels for it; nil where LibTorch does not tell, or has no CUDA.
        public var hasKernels: Bool?

        public init(
            index: Int,
            name: String,
            capability: String,
            memory: Int,
            freeMemory: Int? = nil,
            hasKernels: Bool? = nil
        ) {
            (self.index, self.name, self.capability) = (index, name, capability)
            (self.memory, self.freeMemory, self.hasKernels) = (memory, freeMemory, hasKernels)
        }

        enum CodingKeys: String, CodingKey {
            case index, name, capability, memory
            case freeMemory = "free_memory"
            case hasKernels = "has_kernels"
        }
    }

    /// Whether there is one.
    public var isFound: Bool
    /// Such as `570.86.15`.
    public var release: String?
    /// The newest CUDA that it knows, such as `12.8`.
    public var cuda: String?
    /// Why it was not found, or the call of it that failed.
    public var fault: String?
    /// Whether it says that there is no device.
    public var hasNoDevice: Bool
    public var gpus: [GPU]
    /// `CUDA_VISIBLE_DEVICES`; nil where it is not set.
    public var mask: String?

    public init(
        isFound: Bool,
        release: String? = nil,
        cuda: String? = nil,
        fault: String? = nil,
        hasNoDevice: Bool = false,
        gpus: [GPU] = [],
        mask: String? = nil
    ) {
        (self.isFound, self.release, self.cuda, self.fault) = (isFound, release, cuda, fault)
        (self.hasNoDevice, self.gpus, self.mask) = (hasNoDevice, gpus, mask)
    }

    enum CodingKeys: String, CodingKey {
        case release, cuda, fault, gpus
        case isFound = "found"
        case hasNoDevice = "no_device"
        case mask = "cuda_visible_devices"
    }
}

/// Products of matrices on one device, whose numbers are known.
public struct DeviceCheck: Codable, Equatable, Sendable {
    public struct Product: Codable, Equatable, Sendable {
        /// fp32 or bf16.
        public var precision: Precision
        /// Largest difference from the right numbers, as a share of the largest of them; nil for what is no number.
        public var error: Double?
        /// The largest that is right.
        public var bound: Double
        /// Multiplications and additions of a second.
        public var rate: Double

        public init(precision: Precision, error: Double?, bound: Double, rate: Double) {
            (self.precision, self.error, self.bound, self.rate) = (precision, error, bound, rate)
        }

        public var isRight: Bool { error.map { $0 <= bound } ?? false }

        enum CodingKeys: String, CodingKey {
            case precision, error, bound
            case rate = "flops_per_second"
        }
    }

    /// `cpu` or `cuda:N`.
    public var device: String
    public var products: [Product]
    /// Why there are not all products.
    public var failure: Failure?

    public init(device: ComputeDevice, products: [Product], failure: Failure? = nil) {
        (self.device, self.products, self.failure) = (device.description, products, failure)
    }
}
