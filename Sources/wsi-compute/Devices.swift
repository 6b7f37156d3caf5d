import Config
import Encoders
import Foundation
import MIL
import Messages
import Records
import Torch

/// `wsi-compute devices`: the driver, and what every device makes of a product.
enum Devices {
    /// Sides of the matrices: a processor's product takes a fraction of a second, a GPU's fills it.
    private static let (small, large) = (512, 4096)

    static func check(_ request: DevicesRequest, say: (DevicesRequest.Word) throws -> Void) throws -> Done {
        try say(.driver(driver()))
        try LibTorch.setThreads(request.threads)
        var devices = [ComputeDevice.cpu]
        if try LibTorch.cudaIsAvailable { devices += try (0..<LibTorch.cudaDevices).map(ComputeDevice.cuda) }
        for device in devices {
            try say(.begins(device))
            try say(.check(check(device)))
        }
        return Done()
    }

    private static func driver() throws -> DriverFacts {
        let driver = try CUDADriver()
        var fault = driver.fault
        var gpus: [DriverFacts.GPU] = []
        // Without a driver LibTorch does not tell.
        let architectures = try LibTorch.cudaIsAvailable ? try? LibTorch.cudaArchitectures : nil
        do {
            for index in 0..<driver.count {
                let gpu = try driver.gpu(index)
                gpus.append(
                    DriverFacts.GPU(
                        index: index,
                        name: gpu.name,
                        capability: "\(gpu.major).\(gpu.minor)",
                        memory: gpu.memory,
                        freeMemory: gpu.freeMemory,
                        hasKernels: architectures?.haveKernels(major: gpu.major, minor: gpu.minor)
                    )
                )
            }
        } catch { fault = error.message }
        return DriverFacts(
            isFound: driver.isFound,
            release: driver.release,
            cuda: driver.cuda.map { "\($0)" },
            fault: fault,
            hasNoDevice: driver.hasNoDevice,
            gpus: gpus,
            mask: ProcessInfo.processInfo.environment["CUDA_VISIBLE_DEVICES"]
        )
    }

    /// fp32 first: a fault of it alone says more.
    private static func check(_ device: ComputeDevice) -> DeviceCheck {
        var check = DeviceCheck(device: device, products: [])
        do {
            // As it computes for features and models.
            if device != .cpu {
                try ComputeChoice.checkEnvironment()
                try LibTorch.makeCUDARepeatable()
            }
            for (precision, dtype) in [(Precision.fp32, DType.float32), (.bf16, .bfloat16)] {
                let size = device == .cpu ? small : large
                let product = try ProductCheck(of: dtype, on: Device(device), size: size)
                let bound = ProductCheck.bound(of: dtype)
                check.products.append(
                    .init(precision: precision, error: product.error, bound: bound, rate: product.rate)
                )
            }
        } catch { check.failure = Failure(computing: error, subject: "\(device)") }
        return check
    }
}
