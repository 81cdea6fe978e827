"""A small chip and its drivers, in headers of our own that are written as ST writes its, and projects that use them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from kiki_tools.language import Workspace
from kiki_tools.stm32.headers import index
from kiki_tools.stm32.service import STM32
from kiki_tools.text import Snapshot
from kiki_tools.workspace import gather

DEVICE = """
/**
  * @brief Interrupt numbers
  */
typedef enum
{
  SysTick_IRQn                = -1,     /*!< 15 System Tick Interrupt */
  USART2_IRQn                 = 38,     /*!< USART2 global Interrupt  */
  TIM2_IRQn                   = 28,     /*!< TIM2 global Interrupt    */
} IRQn_Type;

/**
  * @brief General Purpose I/O
  */
typedef struct
{
  __IO uint32_t MODER;    /*!< GPIO port mode register,               Address offset: 0x00      */
  __IO uint32_t BSRR;     /*!< GPIO port bit set/reset register,      Address offset: 0x04      */
  uint32_t      RESERVED[2]; /*!< Reserved, 0x08-0x0C */
  __IO uint32_t AFR[2];   /*!< GPIO alternate function registers,     Address offset: 0x10-0x14 */
} GPIO_TypeDef;

/**
  * @brief Universal Synchronous Asynchronous Receiver Transmitter
  */
typedef struct
{
  __I  uint16_t SR;         /*!< USART Status register,                   Address offset: 0x00 */
  __IO uint32_t CR1;        /*!< USART Control register 1,                Address offset: 0x04 */
} USART_TypeDef;

typedef struct
{
  __IO uint32_t CFGR;       /*!< RCC clock configuration register,  Address offset: 0x00 */
  __IO uint32_t AHB1ENR;    /*!< RCC AHB1 peripheral clock register, Address offset: 0x04 */
} RCC_TypeDef;

#define PERIPH_BASE           0x40000000UL /*!< Peripheral base address */
#define APB1PERIPH_BASE       PERIPH_BASE
#define AHB1PERIPH_BASE       (PERIPH_BASE + 0x00020000UL)
#define USART2_BASE           (APB1PERIPH_BASE + 0x4400UL)
#define USART3_BASE           (APB1PERIPH_BASE + 0x4800UL)
#define GPIOA_BASE            (AHB1PERIPH_BASE + 0x0000UL)
#define RCC_BASE              (AHB1PERIPH_BASE + 0x3800UL)
#define USART2              ((USART_TypeDef *) USART2_BASE)
#define USART3              ((USART_TypeDef *) USART3_BASE)
#define GPIOA               ((GPIO_TypeDef *) GPIOA_BASE)
#define RCC                 ((RCC_TypeDef *) RCC_BASE)

#define GPIO_MODER_MODER5_Pos            (10U)
#define GPIO_MODER_MODER5_Msk            (0x3UL << GPIO_MODER_MODER5_Pos)       /*!< 0x00000C00 */
#define GPIO_MODER_MODER5                GPIO_MODER_MODER5_Msk
#define GPIO_MODER_MODER5_0              (0x1UL << GPIO_MODER_MODER5_Pos)       /*!< 0x00000400 */
#define GPIO_MODER_MODER5_1              (0x2UL << GPIO_MODER_MODER5_Pos)       /*!< 0x00000800 */
#define GPIO_AFRH_AFSEL9_Pos             (4U)
#define GPIO_AFRH_AFSEL9_Msk             (0xFUL << GPIO_AFRH_AFSEL9_Pos)        /*!< 0x000000F0 */
#define GPIO_AFRH_AFSEL9                 GPIO_AFRH_AFSEL9_Msk
#define USART_SR_TXE_Pos              (7U)
#define USART_SR_TXE_Msk              (0x1UL << USART_SR_TXE_Pos)               /*!< 0x00000080 */
#define USART_SR_TXE                  USART_SR_TXE_Msk                          /*!<Transmit Data Register Empty */
#define USART_CR1_TE_Pos              (3U)
#define USART_CR1_TE_Msk              (0x1UL << USART_CR1_TE_Pos)               /*!< 0x00000008 */
#define USART_CR1_TE                  USART_CR1_TE_Msk                          /*!<Transmitter Enable */
#define USART_CR1_UE_Pos              (13U)
#define USART_CR1_UE_Msk              (0x1UL << USART_CR1_UE_Pos)               /*!< 0x00002000 */
#define USART_CR1_UE                  USART_CR1_UE_Msk                          /*!<USART Enable       */
#define RCC_AHB1ENR_GPIOAEN_Pos            (0U)
#define RCC_AHB1ENR_GPIOAEN_Msk            (0x1UL << RCC_AHB1ENR_GPIOAEN_Pos)   /*!< 0x00000001 */
#define RCC_AHB1ENR_GPIOAEN                RCC_AHB1ENR_GPIOAEN_Msk
#define RCC_CFGR_SW_Pos                    (0U)
#define RCC_CFGR_SW_Msk                    (0x3UL << RCC_CFGR_SW_Pos)           /*!< 0x00000003 */
#define RCC_CFGR_SW                        RCC_CFGR_SW_Msk                  /*!< SW[1:0] bits (System clock Switch) */
#define RCC_CFGR_SW_0                      (0x1UL << RCC_CFGR_SW_Pos)           /*!< 0x00000001 */
#define RCC_CFGR_SW_HSI                    0x00000000U                         /*!< HSI selected as system clock */
#define RCC_CFGR_SW_PLL                    0x00000002U                         /*!< PLL selected as system clock */
"""

DRIVER = """
/** @addtogroup UART
  * @{
  */
/**
  * @brief UART Init Structure definition
  */
typedef struct
{
  uint32_t BaudRate;                  /*!< This member configures the UART communication baud rate. */

  uint32_t Parity;                    /*!< Specifies the parity mode.
                                           This parameter can be a value of @ref UART_Parity */
} UART_InitTypeDef;

/** @brief UART handle Structure definition */
typedef struct __UART_HandleTypeDef
{
  USART_TypeDef                 *Instance;        /*!< UART registers base address        */
  UART_InitTypeDef              Init;             /*!< UART communication parameters      */
} UART_HandleTypeDef;

typedef struct
{
  uint32_t Pin;       /*!< Specifies the GPIO pins to be configured. */
  uint32_t Mode;      /*!< Specifies the operating mode. */
  uint32_t Pull;      /*!< Specifies the Pull-up or Pull-Down activation for the selected pins.
                           This parameter can be a value of @ref GPIO_pull_define */
  uint32_t Alternate; /*!< Peripheral to be connected to the selected pins. */
}GPIO_InitTypeDef;

typedef enum
{
  HAL_OK       = 0x00U,
  HAL_ERROR    = 0x01U
} HAL_StatusTypeDef;

/** @defgroup UART_Parity UART Parity
  * @{
  */
#define UART_PARITY_NONE                    0x00000000U                       /*!< No parity   */
#define UART_PARITY_EVEN                    ((uint32_t)USART_CR1_PCE)         /*!< Even parity */
/**
  * @}
  */

/** @defgroup GPIO_pull_define GPIO pull define
  * @{
  */
#define  GPIO_NOPULL        0x00000000U   /*!< No Pull-up or Pull-down activation  */
#define  GPIO_PULLUP        0x00000001U   /*!< Pull-up activation                  */
/**
  * @}
  */

HAL_StatusTypeDef HAL_UART_Transmit(UART_HandleTypeDef *huart, const uint8_t *pData, uint16_t Size, uint32_t Timeout);
HAL_StatusTypeDef HAL_UART_Transmit_IT(UART_HandleTypeDef *huart, const uint8_t *pData, uint16_t Size);
void HAL_UART_TxCpltCallback(UART_HandleTypeDef *huart);

/**
  * @brief  Set the transfer direction
  * @rmtoll CR1          TE            LL_USART_SetDirection
  * @param  USARTx USART Instance
  * @param  Direction This parameter can be one of the following values:
  *         @arg @ref LL_USART_NONE
  *         @arg @ref LL_USART_TX
  * @retval None
  */
__STATIC_INLINE void LL_USART_SetDirection(USART_TypeDef *USARTx, uint32_t Direction)
{
  MODIFY_REG(USARTx->CR1, USART_CR1_TE, Direction);
}
#define LL_USART_NONE 0U /*!< neither way */
#define LL_USART_TX USART_CR1_TE /*!< only sending */
"""

SOURCE = """
/**
  * @brief  Sends an amount of data in blocking mode.
  * @param  huart Pointer to a UART_HandleTypeDef structure.
  * @param  pData Pointer to data buffer.
  * @param  Size Amount of data elements to be sent.
  * @param  Timeout Timeout duration
  * @retval HAL status
  */
HAL_StatusTypeDef HAL_UART_Transmit(UART_HandleTypeDef *huart, const uint8_t *pData, uint16_t Size, uint32_t Timeout)
{
  return HAL_OK;
}
"""

SVD = """<?xml version="1.0"?>
<device><name>STM32F446</name><size>32</size><resetValue>0x0</resetValue>
<peripherals>
<peripheral><name>USART2</name><baseAddress>0x40004400</baseAddress>
<interrupt><name>USART2</name><description>USART2 global interrupt</description><value>38</value></interrupt>
<registers>
<register><name>CR1</name><description>Control register 1</description><addressOffset>0x4</addressOffset>
<access>read-write</access><resetValue>0x0000200C</resetValue>
<fields>
<field><name>UE</name><description>USART enable</description><bitOffset>13</bitOffset><bitWidth>1</bitWidth></field>
<field><name>TE</name><description>Transmitter enable</description><lsb>3</lsb><msb>3</msb></field>
<field><name>M%s</name><dim>2</dim><dimIncrement>16</dimIncrement><bitRange>[12:12]</bitRange></field>
</fields></register>
</registers></peripheral>
<peripheral derivedFrom="USART2"><name>USART3</name><baseAddress>0x40004800</baseAddress></peripheral>
</peripherals></device>
"""

FILES = {
    "Include/stm32f446xx.h": DEVICE,
    "Inc/stm32f4xx_hal_uart.h": DRIVER,
    "Src/stm32f4xx_hal_uart.c": SOURCE,
}


def written(folder: Path, main: str, **more: str) -> Path:
    """A project on the disk: its flags, the headers, `main.c`."""
    flags = f"-DSTM32F446xx\n-I{folder / 'Include'}\n-I{folder / 'Inc'}\n"
    for name, text in {**FILES, "compile_flags.txt": flags, "main.c": main, **more}.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    return folder / "main.c"


def marked(folder: Path, code: str, **more: str) -> tuple[Snapshot, int, Workspace]:
    """A `main.c` with `$` at the place that is asked about, in a project whose headers are read."""
    at, code = code.index("$"), code.replace("$", "", 1)
    path = written(folder, code, **more)
    snapshot = Snapshot(code, str(path))
    workspace = gather(STM32, snapshot)
    paths = STM32.consulted(snapshot, workspace)
    indexes = {each: index(Snapshot(Path(each).read_text(), each)) for each in paths}
    return snapshot, at, replace(workspace, indexes=indexes)
